/// The effect of a purge on the entries it selects.
public enum PurgeMode: Sendable, Hashable {
    /// The entries are removed.
    case hard
    /// The entries become stale: they are served only where the cache may serve stale responses, until new responses replace them.
    case soft
}
