public import HTTPPipeline

/// A fixed text: the version of the application, a build number.
///
/// Stores outside of the process keep responses across deploys, and entity tags live on in clients. With the build in the key, a new
/// version of the code neither serves what an old one made nor confirms its tags with 304:
///
/// ```swift
/// let key = KeyConstructor.safeDefault.adding(["build": .constant("2026-11-27.3")])
/// ```
///
/// During a rolling deploy each version has its own entries. drf-extensions has no such bit.
public struct ConstantKeyBit: KeyBit, Hashable {
    /// The text.
    public let text: String

    /// Creates the bit.
    public init(_ text: String) {
        self.text = text
    }

    /// The bit reads no input.
    public var inputs: ExchangeInputs { [] }

    /// Writes the text.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(text)
    }

    /// Whether both write the same bytes. Two spellings of one character are two texts.
    public static func == (left: ConstantKeyBit, right: ConstantKeyBit) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }
}
