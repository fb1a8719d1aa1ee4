"""Augmentation, a file for each kind: plain functions of (images, setting, generator), drawn anew for every image.

Draws are made on the CPU whatever the device, so that they do not depend on it; a setting of zero returns the images
as they are.
"""
