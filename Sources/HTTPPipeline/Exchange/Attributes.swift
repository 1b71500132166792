/// Names one typed attribute of an ``Exchange``.
///
/// ```swift
/// enum TenantKey: AttributeKey { typealias Value = String }
/// exchange[TenantKey.self] = "acme"
/// ```
public protocol AttributeKey {
    /// The type of the attribute's value.
    associatedtype Value: Sendable
}

/// The values an application attached to an ``Exchange``, each under its own type.
public struct Attributes: Sendable {
    private var values: [ObjectIdentifier: any Sendable] = [:]

    /// Creates an empty set of attributes. Nothing is allocated until one is stored.
    public init() {}

    /// The attribute stored under `key`, or nil. O(1).
    public subscript<Key: AttributeKey>(key: Key.Type) -> Key.Value? {
        get { values[ObjectIdentifier(key)] as? Key.Value }
        set { values[ObjectIdentifier(key)] = newValue }
    }
}
