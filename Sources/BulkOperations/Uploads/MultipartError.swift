/// Why a `multipart/form-data` body was not read.
package struct MultipartError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package let message: String
    /// The position of the problem in bytes.
    package let offset: Int
    /// Whether the body exceeds a limit of the reader.
    package let isTooLarge: Bool

    init(_ message: String, at offset: Int, isTooLarge: Bool = false) {
        self.message = message
        self.offset = offset
        self.isTooLarge = isTooLarge
    }

    /// The message for a client.
    package var description: String { "Multipart parse error - \(message) (byte \(offset))" }
}
