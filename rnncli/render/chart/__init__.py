"""Charts, drawn once as vectors and written as SVG or PNG.

    Chart    what a view shows: sentences, facts and panels, in the numbers of its data
    Scene    its marks in a plane of a certain width, in units of a pixel: lines, areas, rectangles, dots, labels

A panel turns itself into marks for the width that there is, so the same chart fits a phone and a desk. Both writers
draw the marks of a scene and nothing else.
"""
