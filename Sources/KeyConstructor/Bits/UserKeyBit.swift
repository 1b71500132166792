public import HTTPPipeline

/// The user: drf-extensions' `UserKeyBit`.
public struct UserKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// Users.
    public var separates: RequestSeparation { RequestSeparation(user: true) }

    /// Writes `Exchange.userID`, or `"anonymous"` without one.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange.userID ?? "anonymous")
    }
}
