public import HTTPPipeline

/// One part of a key, computed from the request alone.
///
/// A bit is a small value that writes one value into the key. The bits of a ``KeyConstructor`` form the object that is digested.
/// A custom bit is a type:
///
/// ```swift
/// struct TenantKeyBit: KeyBit {
///     var inputs: ExchangeInputs { .attributes }
///
///     func write(_ exchange: Exchange, to writer: inout KeyWriter) {
///         writer.write(exchange[TenantKey.self] ?? "none")
///     }
/// }
/// ```
///
/// It corresponds to drf-extensions' `KeyBitBase`. A bit that waits for its value is an ``AsyncKeyBit``.
public protocol KeyBit: Sendable {
    /// The inputs that the bit reads. The default is every input.
    ///
    /// A constructor reuses a recently computed key for an exchange in which the declared inputs of all bits are equal. A declaration
    /// without an input that ``write(_:to:)`` reads can return the key of another request. Declare ``ExchangeInputs/external`` if the
    /// value depends on anything but the exchange and the bit itself.
    var inputs: ExchangeInputs { get }

    /// The requests that the bit separates. The default is none.
    ///
    /// A cache stores the response to a request with credentials only under a key that separates users, and a response with a Vary field
    /// only under a key that separates the fields in it. Unlike ``inputs``, this is a promise about different values: two users have
    /// two keys.
    var separates: RequestSeparation { get }

    /// Writes the bit's value: exactly one call of a `write` method, or one array or object.
    ///
    /// A bit never fails. It writes a missing value as null or as an empty container.
    func write(_ exchange: Exchange, to writer: inout KeyWriter)

    /// Returns the same bit with other parameters. ``KeyConstructor/overriding(_:)`` calls it.
    ///
    /// The default is for bits without parameters and returns the bit itself.
    func overriding(_ parameters: KeyParameters) -> Self
}

extension KeyBit {
    /// Every input.
    public var inputs: ExchangeInputs { .all }

    /// The empty separation.
    public var separates: RequestSeparation { .none }

    /// Returns the bit itself.
    public func overriding(_ parameters: KeyParameters) -> Self { self }
}

/// One part of a key whose value is fetched asynchronously: a version stamp in a shared store, a row of a database.
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
    /// The inputs that the bit reads. The default is every input.
    var inputs: ExchangeInputs { get }

    /// The requests that the bit separates. The default is none.
    ///
    /// A cache stores the response to a request with credentials only under a key that separates users, and a response with a Vary field
    /// only under a key that separates the fields in it. Unlike ``inputs``, this is a promise about different values: two users have
    /// two keys.
    var separates: RequestSeparation { get }

    /// Writes the bit's value: exactly one call of a `write` method, or one array or object.
    ///
    /// It may suspend between writes, for example to write the rows of a table as they arrive.
    ///
    /// - Throws: The error that prevented the bit from reading its value. The constructor then returns no key, because a key without the
    ///   value could belong to another response. A cache bypasses the request, and a conditional update fails.
    func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws

    /// Returns the same bit with other parameters. The default is for bits without parameters and returns the bit itself.
    func overriding(_ parameters: KeyParameters) -> Self
}

extension AsyncKeyBit {
    /// Every input.
    public var inputs: ExchangeInputs { .all }

    /// The empty separation.
    public var separates: RequestSeparation { .none }

    /// Returns the bit itself.
    public func overriding(_ parameters: KeyParameters) -> Self { self }
}
