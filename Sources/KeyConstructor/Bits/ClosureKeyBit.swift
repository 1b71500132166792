public import HTTPPipeline

/// What a closure computes: a key function of drf-extensions' `key_func`, as one bit.
public struct ClosureKeyBit: KeyBit {
    /// What the closure tells apart.
    public let separates: RequestSeparation
    private let value: @Sendable (Exchange) -> KeyValue

    /// Creates the bit.
    ///
    /// - Parameters:
    ///   - separates: What of a request two values tell apart.
    ///   - value: Computes the bit's value.
    public init(separates: RequestSeparation = .none, _ value: @escaping @Sendable (Exchange) -> KeyValue) {
        self.separates = separates
        self.value = value
    }

    /// Writes what the closure computes.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(value(exchange))
    }
}

/// What a closure computes that has to wait.
public struct AsyncClosureKeyBit: AsyncKeyBit {
    /// What the closure tells apart.
    public let separates: RequestSeparation
    private let value: @Sendable (Exchange) async throws -> KeyValue

    /// Creates the bit.
    ///
    /// - Parameters:
    ///   - separates: What of a request two values tell apart.
    ///   - value: Computes the bit's value.
    public init(
        separates: RequestSeparation = .none,
        _ value: @escaping @Sendable (Exchange) async throws -> KeyValue
    ) {
        self.separates = separates
        self.value = value
    }

    /// Writes what the closure computes.
    ///
    /// - Throws: What the closure throws.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        writer.write(try await value(exchange))
    }
}
