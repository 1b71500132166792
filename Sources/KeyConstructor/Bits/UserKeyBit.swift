public import HTTPPipeline

/// The identifier of the user: drf-extensions' `UserKeyBit`.
public struct UserKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The user.
    public var inputs: ExchangeInputs { .userID }

    /// Requests of different users have different keys.
    public var separates: RequestSeparation { RequestSeparation(user: true) }

    /// Writes `Exchange.userID`, or `"anonymous"` without one.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange.userID ?? "anonymous")
    }
}
