/// A text that is compared and hashed by its bytes, for sets and dictionaries with keys from clients.
package struct ByteText: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The text.
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package init(stringLiteral text: String) { self.init(text) }

    package static func == (left: ByteText, right: ByteText) -> Bool { left.text.hasBytes(of: right.text) }

    package func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}
