// Placeholder of the skeleton; replaced by the first file of this target.
