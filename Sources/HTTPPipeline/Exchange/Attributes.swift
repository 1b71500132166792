/// The key of a typed attribute of an ``Exchange``.
///
/// ```swift
/// enum TenantKey: AttributeKey { typealias Value = String }
/// exchange[TenantKey.self] = "acme"
/// ```
public protocol AttributeKey {
    /// The type of the attribute's value.
    associatedtype Value: Sendable
}

/// Application-defined values of an ``Exchange``, stored by the type of their key.
public struct Attributes: Sendable {
    private var values: [ObjectIdentifier: any Sendable] = [:]

    /// Creates an empty set of attributes. No memory is allocated until a value is stored.
    public init() {}

    /// The attribute stored under `key`, or nil. O(1).
    public subscript<Key: AttributeKey>(key: Key.Type) -> Key.Value? {
        get { values[ObjectIdentifier(key)] as? Key.Value }
        set { values[ObjectIdentifier(key)] = newValue }
    }
}
