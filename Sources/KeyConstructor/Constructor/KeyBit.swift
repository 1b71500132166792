public import HTTPPipeline

/// One part of a key, computed from the request alone.
///
/// A bit is a small value. It writes one value into the key; the bits of a ``KeyConstructor`` together make the
/// object that is digested. A custom bit is a type of its own:
///
/// ```swift
/// struct TenantKeyBit: KeyBit {
///     func write(_ exchange: Exchange, to writer: inout KeyWriter) {
///         writer.write(exchange[TenantKey.self] ?? "none")
///     }
/// }
/// ```
///
/// The original is drf-extensions' `KeyBitBase`. A bit that has to wait for its value is an ``AsyncKeyBit``.
public protocol KeyBit: Sendable {
    /// What of a request this bit tells apart. The default is nothing.
    ///
    /// A cache stores the answer to a request with credentials only under a key that separates them, and an answer with
    /// a Vary field only under a key that separates the fields it names.
    var separates: RequestSeparation { get }

    /// Writes the bit's value: exactly one call of a `write` method, or one array or object.
    ///
    /// A bit never fails: what it cannot find it writes as null or as an empty container.
    func write(_ exchange: Exchange, to writer: inout KeyWriter)

    /// The same bit with other parameters; what ``KeyConstructor/overriding(_:)`` calls. A bit without parameters
    /// returns itself, which is the default.
    func overriding(_ parameters: KeyParameters) -> Self
}

extension KeyBit {
    /// Nothing.
    public var separates: RequestSeparation { .none }

    /// The bit itself.
    public func overriding(_ parameters: KeyParameters) -> Self { self }
}

/// One part of a key whose value has to be waited for: a version stamp in a shared store, a row of a database.
///
/// ```swift
/// struct UpdatedAtKeyBit: AsyncKeyBit {
///     let cities: CityRepository
///     func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
///         writer.write(try await cities.updatedAt())
///     }
/// }
/// ```
public protocol AsyncKeyBit: Sendable {
    /// What of a request this bit tells apart. The default is nothing.
    var separates: RequestSeparation { get }

    /// Writes the bit's value: exactly one call of a `write` method, or one array or object, with as many suspensions in
    /// between as it takes. Rows of a table are written as they arrive.
    ///
    /// - Throws: What prevents the value from being known. There is no key then: a key without the value could be that
    ///   of something else. A cache lets the request pass, and a conditional update fails.
    func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws

    /// The same bit with other parameters. A bit without parameters returns itself, which is the default.
    func overriding(_ parameters: KeyParameters) -> Self
}

extension AsyncKeyBit {
    /// Nothing.
    public var separates: RequestSeparation { .none }

    /// The bit itself.
    public func overriding(_ parameters: KeyParameters) -> Self { self }
}
