"""Charts of our own weight: values in, plain shapes out. Pure; painters for Qt, SVG and PDF draw the same shapes."""
