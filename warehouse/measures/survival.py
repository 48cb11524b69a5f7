"""Survival analysis of the time until open weights reached a record: functions over arrays (METHOD section 4).

Times are censored: a record that is not reached yet gives a lower bound, and one known to have been reached
between two dates gives an interval.  Leaving these out, or averaging only the reached ones, makes open weights
look faster than they are.  One open release often reaches several records at once, so releases are resampled,
not records.  The trend's likelihood is maximised here rather than by lifelines because lifelines has no errors
by cluster for these models and takes a tenth of a second a fit; leaving out every record in turn needs
hundreds.  The tests hold both against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

Floats = NDArray[np.float64]
Family = Literal["lognormal", "weibull"]
FAMILIES: tuple[Family, ...] = ("lognormal", "weibull")

MOST_LEVERAGE = 0.75
"""Share of a cluster in its own fit beyond which its pull is not raised further, as Fay and Graubard bound it."""

TIE = 1e-9
"""Survival this close to a quantile has reached it: a product of fractions is not exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Times known to lie in (lower, upper]; equal where exact, upper infinite where not reached yet.

    ``cluster`` numbers the open release of each record from 0.
    """

    lower: Floats
    upper: Floats
    cluster: NDArray[np.int64]

    def __post_init__(self) -> None:
        if not np.all(np.isfinite(self.lower) & (self.lower >= 0) & (self.upper >= self.lower)):
            raise ValueError("times must be 0 <= lower <= upper with a finite lower")

    @property
    def exact(self) -> NDArray[np.bool_]:
        return np.asarray(self.lower == self.upper)

    @property
    def reached(self) -> NDArray[np.bool_]:
        return np.isfinite(self.upper)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Probability ``mass[draw, k]`` of an event at ``points[k]``; what is missing to 1 lies beyond the record."""

    points: Floats
    mass: Floats

    def quantile(self, share: float) -> Floats:
        """Per draw the first time by which that share has happened; infinite where it never does."""
        done = np.cumsum(self.mass, axis=1) >= share - TIE
        if not self.points.size:
            return np.full(len(self.mass), np.inf)
        first = np.argmax(done, axis=1)
        return np.where(done.any(axis=1), self.points[first], np.inf)

    def restricted_mean(self, horizon: float) -> Floats:
        """Per draw the mean of min(time, horizon)."""
        short = np.minimum(self.points, horizon)
        return np.asarray(self.mass @ short + (1 - self.mass.sum(axis=1)) * horizon)


def curves(times: Times, weights: Floats) -> Curves:
    """The non-parametric maximum-likelihood estimate, for every row of ``weights`` (draw x record).

    It is Kaplan and Meier's where times are exact or right-censored, Turnbull's where some are interval-censored.
    """
    if np.all(times.exact | ~times.reached):
        return _kaplan_meier(times, weights)
    return _turnbull(times, weights)


def resampled(times: Times, draws: int, random: np.random.Generator) -> Floats:
    """Weights of a bootstrap over clusters: how often each record's open release was drawn."""
    many = int(times.cluster.max()) + 1
    drawn = random.multinomial(many, np.full(many, 1 / many), size=draws)
    return drawn[:, times.cluster].astype(np.float64)


def limits(values: Floats, level: float) -> tuple[float, float]:
    """Both ends of the central share ``level`` of the draws, each one of the draws, so that infinity stays itself."""
    ordered = np.sort(values)
    tail = (1 - level) / 2
    low = int(tail * (len(ordered) - 1) + TIE)
    return float(ordered[low]), float(ordered[len(ordered) - 1 - low])


def _kaplan_meier(times: Times, weights: Floats) -> Curves:
    points = np.unique(times.lower[times.reached])
    at = times.lower[:, None]
    events = weights @ ((at == points) & times.reached[:, None]).astype(np.float64)
    at_risk = weights @ (at >= points).astype(np.float64)
    left = np.cumprod(1 - np.divide(events, at_risk, out=np.zeros_like(events), where=at_risk > 0), axis=1)
    before = np.concatenate([np.ones((len(weights), 1)), left[:, :-1]], axis=1) if points.size else left
    return Curves(points=points, mass=before - left)


def _turnbull(times: Times, weights: Floats, tolerance: float = 0.005, rounds: int = 300) -> Curves:
    """Self-consistency; the mass of an interval is put in its middle, the last one's beyond the record."""
    # An interval is (lower, upper], an exact time the point itself, and one that starts at 0 holds 0 too.
    closed = times.exact | (times.lower == 0) & times.reached
    starts = np.stack([times.lower, np.where(closed, -1.0, 1.0)], axis=1)
    stops = np.stack([times.upper, np.zeros_like(times.upper)], axis=1)
    ordered, place = np.unique(np.concatenate([starts, stops]), axis=0, return_inverse=True)
    first, last = np.split(place.reshape(-1), 2)
    opens, ends = ordered[:, 1] != 0, ordered[:, 1] == 0
    inner = np.flatnonzero(opens[:-1] & ends[1:])
    left, right = ordered[inner, 0], ordered[inner + 1, 0]
    holds = ((inner >= first[:, None]) & (inner + 1 <= last[:, None])).astype(np.float64)
    total = weights.sum(axis=1, keepdims=True)
    mass = np.full((len(weights), len(inner)), 1 / len(inner))
    for _ in range(rounds):
        # At the maximum no place gains: this ratio is 1 where there is mass and at most 1 elsewhere.
        gain = (weights / np.maximum(mass @ holds.T, 1e-300)) @ holds / total
        mass = mass * gain
        # A mass on its way to nothing loses a little each round: it is waited for while it is worth seeing.
        if gain.max() < 1 + tolerance and not ((mass > 0.05) & (gain < 0.96)).any():
            break
    known = np.isfinite(right)
    return Curves(points=(left[known] + right[known]) / 2, mass=mass[:, known])


# --- the trend ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Per row of weights: the factor by which the time changes per unit of x, with two-sided limits by cluster."""

    ratio: Floats
    lo: Floats
    hi: Floats


def accelerated(
    family: Family, times: Times, x: Floats, weights: Floats, *, level: float = 0.95
) -> tuple[Trend, Floats]:
    """Accelerated-failure-time fits of one covariate, one a row of ``weights``; also the parameters of each.

    Parameters are intercept, slope and log scale of log time.  Errors are robust by cluster, with Fay and
    Graubard's correction (the plain sandwich is too narrow with a dozen clusters) and Student's quantile of
    (clusters - 1) degrees of freedom.  Rows that do not converge give NaN.
    """
    data = _Sample.of(family, times, x)
    fit = np.tile(_newton(data, weights.sum(axis=0, keepdims=True), data.start()), (len(weights), 1))
    fit = _newton(data, weights, fit)
    _, score, curvature = data.derivatives(fit, weights)
    clusters = (times.cluster[:, None] == np.unique(times.cluster)).astype(np.float64)
    pull = np.einsum("bnk,ng->bgk", score, clusters)
    bread = np.linalg.pinv(_matrix(curvature.sum(axis=1)))
    own = _matrix(np.einsum("bnk,ng->bgk", curvature, clusters))
    leverage = np.einsum("bgkl,blk->bgk", own, bread)
    pull /= np.sqrt(1 - np.clip(leverage, 0, MOST_LEVERAGE))
    moved = np.einsum("bl,bgl->bg", bread[:, 1, :], pull)
    many = ((weights > 0).astype(np.float64) @ clusters > 0).sum(axis=1)
    error = np.sqrt((moved**2).sum(axis=1))
    gradient = np.abs(score.sum(axis=1)).max(axis=1)
    error = np.where(gradient < 1e-4 * weights.sum(axis=1), error, np.nan)
    half = stdtrit(np.maximum(many - 1, 1), (1 + level) / 2) * error
    with np.errstate(over="ignore"):
        trend = Trend(ratio=np.exp(fit[:, 1]), lo=np.exp(fit[:, 1] - half), hi=np.exp(fit[:, 1] + half))
    return trend, fit


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """Log times and covariate of one sample, and the likelihood over it."""

    family: Family
    low: Floats
    high: Floats
    exact: NDArray[np.bool_]
    x: Floats

    @classmethod
    def of(cls, family: Family, times: Times, x: Floats) -> _Sample:
        with np.errstate(divide="ignore"):
            low, high = np.log(times.lower), np.log(times.upper)
        if np.any(times.exact & ~np.isfinite(low)):
            raise ValueError("an exact time of 0 has no logarithm: give it as an interval from 0")
        return cls(family=family, low=low, high=high, exact=times.exact, x=x)

    def start(self) -> Floats:
        known = np.where(np.isfinite(self.low), self.low, self.high)
        return np.array([[known.mean(), 0.0, np.log(max(known.std(), 0.1))]])

    def derivatives(self, fit: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Log likelihood a row; score and second derivatives (of `_matrix`) a record, weighted."""
        scale = np.exp(fit[:, 2:3])
        centre = fit[:, 0:1] + fit[:, 1:2] * self.x
        zl, zu = (self.low - centre) / scale, (self.high - centre) / scale
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            inside, eta, tau, eta2, mixed, tau2 = _at_point(self.family, zl, scale)
            between = _in_interval(self.family, zl, zu, scale)
        pick = np.broadcast_to(self.exact, zl.shape)
        loglik, eta, tau, eta2, mixed, tau2 = (
            weights * np.where(pick, point, interval)
            for point, interval in zip((inside, eta, tau, eta2, mixed, tau2), between, strict=True)
        )
        score = np.stack([eta, eta * self.x, tau], axis=2)
        second = (eta2, eta2 * self.x, mixed, eta2 * self.x**2, mixed * self.x, tau2)
        return loglik.sum(axis=1), score, np.stack(second, axis=2)


def _matrix(six: Floats) -> Floats:
    """Symmetric 3 x 3 matrices from their upper triangles."""
    return six[..., [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(*six.shape[:-1], 3, 3)


def _at_point(family: Family, z: Floats, scale: Floats) -> tuple[Floats, ...]:
    """Log density at z and its derivatives by location and log scale."""
    if family == "lognormal":
        value, first, second = -(z**2) / 2 - np.log(2 * np.pi) / 2, -z, -np.ones_like(z)
    else:
        power = np.exp(z)
        value, first, second = z - power, 1 - power, -power
    return (
        value - np.log(scale),
        -first / scale,
        -first * z - 1,
        second / scale**2,
        (first + second * z) / scale,
        (second * z + first) * z,
    )


def _in_interval(family: Family, zl: Floats, zu: Floats, scale: Floats) -> tuple[Floats, ...]:
    """The same for the logarithm of the probability between zl and zu."""
    (al, bl, cl, dl, el), (au, bu, cu, du, eu) = _parts(family, zl), _parts(family, zu)
    share = np.maximum(np.where(zl > 0, bl - bu, au - al), 1e-300)
    eta, tau = -(cu - cl) / scale / share, -(du - dl) / share
    eta2 = (eu[0] - el[0]) / scale**2 / share
    mixed = (cu + eu[1] - cl - el[1]) / scale / share
    tau2 = (du + eu[2] - dl - el[2]) / share
    return np.log(share), eta, tau, eta2 - eta**2, mixed - eta * tau, tau2 - tau**2


def _parts(family: Family, z: Floats) -> tuple[Floats, Floats, Floats, Floats, tuple[Floats, Floats, Floats]]:
    """F, 1 - F, f, f z, and f', f' z, f' z^2; all zero but the first two where z is infinite."""
    far = ~np.isfinite(z)
    at = np.where(far, 0.0, z)
    if family == "lognormal":
        density = np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi)
        slope = -at * density
        below, above = ndtr(z), ndtr(-z)
    else:
        power = np.exp(np.minimum(at, 700.0))
        density = np.exp(np.minimum(at, 700.0) - power)
        slope = density * (1 - power)
        above = np.exp(-np.exp(np.minimum(z, 700.0)))
        below = -np.expm1(-np.exp(np.minimum(z, 700.0)))
    density, slope = np.where(far, 0.0, density), np.where(far, 0.0, slope)
    return below, above, density, density * at, (slope, slope * at, slope * at**2)


def _newton(data: _Sample, weights: Floats, fit: Floats, rounds: int = 60) -> Floats:
    """Newton's ascent with halved steps, every row for itself."""
    fit = fit.copy()
    value, score, curvature = data.derivatives(fit, weights)
    for _ in range(rounds):
        gradient, hessian = score.sum(axis=1), _matrix(curvature.sum(axis=1))
        if np.all(np.abs(gradient).max(axis=1) < 1e-8 * weights.sum(axis=1)):
            break
        least = np.linalg.eigvalsh(-hessian)[:, 0]
        lift = np.where(least < 1e-6, 1e-3 - least, 0.0)[:, None, None] * np.eye(3)
        step = np.linalg.solve(lift - hessian, gradient[:, :, None])[:, :, 0]
        step *= np.minimum(1.0, 2.0 / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-12))
        for _ in range(12):
            new, new_score, new_curvature = data.derivatives(fit + step, weights)
            worse = ~(new >= value - 1e-9)
            if not worse.any():
                break
            step = np.where(worse[:, None], step / 2, step)
        fit, value, score, curvature = fit + step, new, new_score, new_curvature
    return fit
