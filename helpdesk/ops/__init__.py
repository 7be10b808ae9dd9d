"""What an operator needs: health, migrations, backup, restore and the desk's keys."""
