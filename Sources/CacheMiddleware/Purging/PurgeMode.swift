/// What a purge does to the entries it selects.
public enum PurgeMode: Sendable, Hashable {
    /// The entries are forgotten.
    case hard
    /// The entries become stale: they are used only where the cache may use stale answers, while a new one is made.
    case soft
}
