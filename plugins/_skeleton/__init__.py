"""The skeleton plugin: messages as signed JSON over HTTP."""
