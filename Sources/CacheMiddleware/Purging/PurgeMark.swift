/// A position in the order of a store's purges.
///
/// Between two equal marks of one store there was no purge. The meaning of the number is up to the store.
public struct PurgeMark: Sendable, Hashable {
    /// The store's number.
    public let rawValue: UInt64

    /// Creates a mark.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
