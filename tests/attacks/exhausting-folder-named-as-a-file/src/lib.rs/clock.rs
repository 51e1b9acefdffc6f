// A file in a folder that has the name of a file.
