public import HTTPPipeline

/// The value that a closure computes. It corresponds to a key function (`key_func`) of drf-extensions.
public struct ClosureKeyBit: KeyBit {
    /// The requests that the values of the closure separate.
    public let separates: RequestSeparation
    private let value: @Sendable (Exchange) -> KeyValue

    /// Creates the bit.
    ///
    /// - Parameters:
    ///   - separates: The requests that the values separate.
    ///   - value: Computes the value of the bit.
    public init(separates: RequestSeparation = .none, _ value: @escaping @Sendable (Exchange) -> KeyValue) {
        self.separates = separates
        self.value = value
    }

    /// Writes the value of the closure.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(value(exchange))
    }
}

/// The value that an asynchronous closure computes.
public struct AsyncClosureKeyBit: AsyncKeyBit {
    /// The requests that the values of the closure separate.
    public let separates: RequestSeparation
    private let value: @Sendable (Exchange) async throws -> KeyValue

    /// Creates the bit.
    ///
    /// - Parameters:
    ///   - separates: The requests that the values separate.
    ///   - value: Computes the value of the bit.
    public init(
        separates: RequestSeparation = .none,
        _ value: @escaping @Sendable (Exchange) async throws -> KeyValue
    ) {
        self.separates = separates
        self.value = value
    }

    /// Writes the value of the closure.
    ///
    /// - Throws: The error of the closure.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        writer.write(try await value(exchange))
    }
}
