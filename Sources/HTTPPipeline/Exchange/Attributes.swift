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
    /// A list, because a request has few of them: a copy retains one reference, and a value needs one allocation.
    @usableFromInline
    var first: AttributeNode?

    /// Creates an empty set of attributes. No memory is allocated until a value is stored.
    public init() {}

    /// The attribute stored under `key`, or nil. O(number of attributes).
    public subscript<Key: AttributeKey>(key: Key.Type) -> Key.Value? {
        @inlinable get {
            var node = first
            while let current = node {
                if current.key == ObjectIdentifier(key) {
                    // A key has values of one type.
                    return unsafeDowncast(current, to: AttributeValue<Key.Value>.self).value
                }
                node = current.next
            }
            return nil
        }
        @inlinable set {
            let identifier = ObjectIdentifier(key)
            first = first?.removing(identifier)
            if let newValue { first = AttributeValue(newValue, identifier, next: first) }
        }
    }
}

/// A value of a list of attributes, without its type. It never changes, so lists share their ends.
// Sendable because all properties are constants, also those of the only subclass.
@usableFromInline
class AttributeNode: @unchecked Sendable {
    @usableFromInline let key: ObjectIdentifier
    @usableFromInline let next: AttributeNode?

    @usableFromInline
    init(_ key: ObjectIdentifier, next: AttributeNode?) {
        (self.key, self.next) = (key, next)
    }

    /// Returns the list that begins here without the value of a key.
    @usableFromInline
    final func removing(_ key: ObjectIdentifier) -> AttributeNode? {
        guard contains(key) else { return self }
        if self.key == key { return next }
        return copy(next: next?.removing(key))
    }

    private final func contains(_ key: ObjectIdentifier) -> Bool {
        var node: AttributeNode? = self
        while let current = node {
            if current.key == key { return true }
            node = current.next
        }
        return false
    }

    @usableFromInline
    func copy(next: AttributeNode?) -> AttributeNode { AttributeNode(key, next: next) }
}

// Sendable because the value is a constant of a Sendable type.
@usableFromInline
final class AttributeValue<Value: Sendable>: AttributeNode, @unchecked Sendable {
    @usableFromInline let value: Value

    @usableFromInline
    init(_ value: Value, _ key: ObjectIdentifier, next: AttributeNode?) {
        self.value = value
        super.init(key, next: next)
    }

    @usableFromInline
    override func copy(next: AttributeNode?) -> AttributeNode { AttributeValue(value, key, next: next) }
}
