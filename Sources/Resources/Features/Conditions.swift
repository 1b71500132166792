public import ETag
public import KeyConstructor

/// Conditional requests, with `ETagMiddleware`: 304, 412, and 428 if a condition is required. drf-extensions' `ETAGMixin`.
///
/// The tag of a single row changes with its version if the fields have one, and otherwise with every write to the resource. Without
/// ``Caching`` and without a version it is the digest of the body. A row that is removed and created again under its key has another
/// version, and so another tag.
public struct Conditions: ResourceFeature {
    let requirements: RequiredPreconditions
    private var bits: [ResourceAction: KeyConstructor] = [:]

    /// Declares that conditions are evaluated.
    ///
    /// - Parameter requirements: The conditions that updates must have.
    public init(requiring requirements: RequiredPreconditions = .none) { self.requirements = requirements }

    /// Returns conditions whose tags have further bits for one action: drf-extensions' `list_etag_func` with ``ResourceAction/list``, and
    /// `object_etag_func` with ``ResourceAction/retrieve``. They are added to those of the resource. The digest of a body does not need them.
    public func adding(_ bits: KeyConstructor, to action: ResourceAction) -> Conditions {
        var conditions = self
        conditions.bits[action] = self.bits[action, default: [:]].adding(bits)
        return conditions
    }

    /// Whether an action has bits of its own.
    func hasBits(for action: ResourceAction) -> Bool { bits[action]?.names.isEmpty == false }

    /// Returns a key with the bits for an action.
    func key(_ key: KeyConstructor, for action: ResourceAction) -> KeyConstructor {
        bits[action].map { key.extended(by: $0, "conditions") } ?? key
    }

    /// Sets the conditions.
    public func apply(to settings: inout ResourceSettings) { settings.conditions = self }
}
