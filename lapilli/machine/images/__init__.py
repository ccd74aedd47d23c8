"""The bytes of images: what a file really is, converted and compressed on its way into a volume and out of it."""
