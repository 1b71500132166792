public import HTTPPipeline
import HTTPTypes

/// The negotiated format: drf-extensions' `FormatKeyBit`.
public struct FormatKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The negotiated format.
    public var inputs: ExchangeInputs { .format }

    /// The field from which the format is negotiated.
    public var separates: RequestSeparation { RequestSeparation(negotiatedFields: [.accept]) }

    /// Writes `Exchange.format`, or null if none was negotiated.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        if let format = exchange.format { writer.write(format) } else { writer.writeNull() }
    }
}
