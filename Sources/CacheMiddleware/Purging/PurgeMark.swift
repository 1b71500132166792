/// A place in the order in which a store was asked to purge.
///
/// Marks of one store that are equal have no purge between them. What the number says is the store's own affair.
public struct PurgeMark: Sendable, Hashable {
    /// The store's number.
    public let rawValue: UInt64

    /// Creates a mark.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
