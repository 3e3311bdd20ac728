"""The recurrent network as a map of its whole state, in float64.

    s[t] = F(s[t-1], X[t])

s (n,) is everything that is carried from step to step, side by side: h, and c of an lstm, of every layer. X[t] (D,) is
what the first layer reads. `back` is the way back through one step: dF/ds from the right side, for any number of rows
at once, so that a Jacobian is one backward step over a batch of unit rows.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from rnncli.data.window import Window
from rnncli.kernels.parts import of_parts
from rnncli.kernels.threads import Team
from rnncli.network.inputs import embedded
from rnncli.network.network import Network, Unfolded


class System:
    """A network that reads one way. `parts` names the parts of s: (name, layer or None, width).

    Rows of a batch are states that do not know of each other.
    """

    def __init__(self, network: Network, team: Team):
        a = network.architecture
        self.team, self.network = team, network.astype(np.float64)
        names = self.network.cells[0].state_names
        self.parts = [(name, layer, a.hidden) for layer in range(a.layers) for name in names]
        self.hidden = len(self.parts) * a.hidden  # how much of s is the network's
        self.n = self.hidden
        self.blocks = [len(names) * a.hidden] * a.layers  # of s: each is moved by itself and by those before it only
        # made once for each number of rows
        self.unfolded, self.onwards = cache(self._unfolded), cache(self._onwards)
        self.backwards = cache(self._backwards)

    def embedded(self, x: np.ndarray | Window) -> np.ndarray:
        """X (T, N, D) of token ids or of a window of columns."""
        if isinstance(x, Window):
            x = Window(x.ids, x.numbers.astype(np.float64), x.grams)
        return embedded(self.network.architecture, self.network.theta, x)

    def step(self, S: np.ndarray, X: np.ndarray) -> np.ndarray:
        """F (N, n) of the states S (N, n) and the input X (D,) of all of them or (N, D)."""
        u = self.unfolded(len(S))
        self.forward(u, S, X)
        return np.concatenate(u.states(1), axis=1)

    def back(self, dS: np.ndarray) -> np.ndarray:
        """dS (N, n) at the states that the last `step` of as many rows gave, to that at those it started from."""
        u = self.unfolded(len(dS))
        u.layers[-1].dY[...] = 0
        self.backward(u, dS)
        return self.gradients(u)

    def jacobian(self, s: np.ndarray, X: np.ndarray) -> np.ndarray:
        """∂F_i/∂s_j (n, n) at the state s (n,)."""
        self.step(np.repeat(s[None], self.n, axis=0), X)
        return self.back(np.eye(self.n))

    def eigenvalues(self, s: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Of the Jacobian, (n,) complex, by falling |λ|: those of its blocks, since it is block triangular."""
        J, ends = self.jacobian(s, X), np.cumsum(self.blocks).tolist()
        parts = [J[end - size : end, end - size : end] for end, size in zip(ends, self.blocks, strict=True)]
        values = np.concatenate([np.linalg.eigvals(part) for part in parts]).astype(complex)
        return values[np.lexsort((-values.imag, -np.abs(values)))]

    def outputs(self, S: np.ndarray) -> np.ndarray:
        """Logits (N, outputs) of the states S, with which the steps ended that made them."""
        a, theta = self.network.architecture, self.network.theta
        _, layer, width = self.parts[-1]
        begin = layer * (self.hidden // a.layers)  # h is the first of a layer's states
        h = S[:, begin : begin + width]
        return h @ (theta["embedding.E"].T if a.tied else theta["output.W"]) + theta["output.b"]

    # -- the network's part of a step -----------------------------------------------------------------------------

    def _unfolded(self, N: int) -> Unfolded:
        """The network over one step of N rows, packed."""
        u = self.network.unfold(1, N, self.team, training=True, given=True)
        u.pack()
        return u

    def _onwards(self, N: int) -> tuple[np.ndarray, Callable[[], None]]:
        """Where X (1, N, D) of a step of N rows stands, and the program of its kernels."""
        u = self.unfolded(N)
        X = np.zeros((1, N, u.layers[0].theta.W.shape[0]))

        def run(part):
            x = X
            for layer in u.layers:
                layer.forward(x, 1, part)
                x = layer.Y

        return X, self.team.program(of_parts(u.by_rows, run))

    def _backwards(self, N: int) -> Callable[[], None]:
        """The program of the way back through a step of N rows."""
        u = self.unfolded(N)
        below = [u.input.dX, *(layer.dY for layer in u.layers[:-1])]

        def run(part):
            for layer, dX in reversed(list(zip(u.layers, below, strict=True))):
                layer.backward(dX, 1, part)

        return self.team.program(of_parts(u.by_rows, run))

    def forward(self, u: Unfolded, S: np.ndarray, X: np.ndarray) -> None:
        """Run the layers from the states S; what comes out is in `u.states(1)`."""
        u.set_states(np.split(S, len(u.states()), axis=1))
        read, program = self.onwards(len(S))
        read[...] = X
        program()

    def backward(self, u: Unfolded, dS: np.ndarray) -> None:
        """From dS and the last layer's dY to `gradients` and `u.input.dX`."""
        gradients = [gradient for layer in u.layers for gradient in layer.state_gradients()]
        for gradient, given in zip(gradients, np.split(dS, len(gradients), axis=1), strict=True):
            gradient[...] = given
        self.backwards(len(dS))()

    def gradients(self, u: Unfolded) -> np.ndarray:
        """(N, hidden), after `backward`."""
        return np.concatenate([gradient for layer in u.layers for gradient in layer.state_gradients()], axis=1)
