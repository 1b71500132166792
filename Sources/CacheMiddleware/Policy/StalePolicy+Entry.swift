import HTTPPipeline

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension StalePolicy {
    /// Returns whether a stale entry may be served while it is refreshed.
    func allowsWhileRevalidating(_ entry: CacheEntry, at moment: Timestamp) -> Bool {
        isWithin(whileRevalidating, of: entry, at: moment)
    }

    /// Returns whether a stale entry may be served instead of an error.
    func allowsIfError(_ entry: CacheEntry, at moment: Timestamp) -> Bool {
        isWithin(ifError, of: entry, at: moment)
    }

    /// Returns whether a fresh entry is refreshed early.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - moment: The current time.
    ///   - random: A random number from 0 up to, but not including, 1.
    /// - Returns: Whether this request starts the refresh.
    func refreshesEarly(_ entry: CacheEntry, at moment: Timestamp, random: Double) -> Bool {
        guard let end = entry.freshUntil ?? entry.expiresAt else { return false }
        let remaining = (end - moment) / .seconds(1)
        // The logarithm of a number in (0, 1] is at most 0.
        let lead = -(entry.computationTime / .seconds(1)) * earlyRefresh * log(1 - random)
        return lead >= remaining
    }

    private func isWithin(_ window: Duration, of entry: CacheEntry, at moment: Timestamp) -> Bool {
        guard window > .zero, let freshUntil = entry.freshUntil else { return false }
        return moment < freshUntil + window
    }
}
