"""The 97.5 % quantiles of Student's t: beyond them a mean or a slope lies in 5 of 100 cases by chance."""

import math

#: with 0 to 18 degrees of freedom
STUDENT = (
    *(math.inf, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262),
    *(2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101),
)
