public import HTTPPipeline
import HTTPTypes

/// The active language: drf-extensions' `LanguageKeyBit`.
public struct LanguageKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The active language.
    public var inputs: ExchangeInputs { .language }

    /// The field a language is negotiated from.
    public var separates: RequestSeparation { RequestSeparation(negotiatedFields: [.acceptLanguage]) }

    /// Writes `Exchange.language` as it is spelled; without one `"None"`, the text the original has when
    /// translations are switched off.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange.language ?? "None")
    }
}
