"""The demo's shop: the web site on which its customers meet the desk."""
