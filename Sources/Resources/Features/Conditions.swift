public import ETag

/// Conditional requests, with `ETagMiddleware`: 304, 412, and 428 if a condition is required. drf-extensions' `ETAGMixin`.
///
/// The tag of a single row changes with its version if the fields have one, and otherwise with every write to the resource. Without
/// ``Caching`` and without a version it is the digest of the body. Without ``Caching``, a row that is removed and created again under
/// its key has its first tag again, so keys should not be reused.
public struct Conditions: ResourceFeature {
    let requirements: RequiredPreconditions

    /// Declares that conditions are evaluated.
    ///
    /// - Parameter requirements: The conditions that updates must have.
    public init(requiring requirements: RequiredPreconditions = .none) { self.requirements = requirements }

    /// Sets the conditions.
    public func apply(to settings: inout ResourceSettings) { settings.conditions = self }
}
