public import HTTPPipeline

/// A fixed text: the version of the application or a build number.
///
/// External stores keep responses across deployments, and clients keep entity tags. With the build number in the key, a new
/// version of the code neither returns responses of the previous version nor confirms its tags with 304:
///
/// ```swift
/// let key = KeyConstructor.safeDefault.adding(["build": .constant("2026-11-27.3")])
/// ```
///
/// During a rolling deployment each version has its own entries. The bit has no counterpart in drf-extensions.
public struct ConstantKeyBit: KeyBit, Hashable {
    /// The text that the key contains.
    public let text: String

    /// Creates the bit with a text.
    public init(_ text: String) {
        self.text = text
    }

    /// The bit reads no input.
    public var inputs: ExchangeInputs { [] }

    /// Writes the text.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(text)
    }

    /// Returns whether both write the same bytes. Two spellings of one character are different texts.
    public static func == (left: ConstantKeyBit, right: ConstantKeyBit) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }
}
