public import HTTPPipeline
import HTTPTypes

/// The active language: drf-extensions' `LanguageKeyBit`.
public struct LanguageKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The active language.
    public var inputs: ExchangeInputs { .language }

    /// The field from which the language is negotiated.
    public var separates: RequestSeparation { RequestSeparation(negotiatedFields: [.acceptLanguage]) }

    /// Writes `Exchange.language` unchanged, or `"None"`, which drf-extensions writes when translations are disabled.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange.language ?? "None")
    }
}
