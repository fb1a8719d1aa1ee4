"""R-CNN: regions with features of a convolutional network (Girshick et al. 2014), one step a file."""
