public import HTTPPipeline
import HTTPTypes

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
