/// Why a `multipart/form-data` body was not read.
package struct MultipartError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package let message: String
    /// The position of the problem in bytes.
    package let offset: Int
    /// The limit of the reader that the body exceeds, or nil.
    package let limit: UploadLimit?

    init(_ message: String, at offset: Int, limit: UploadLimit? = nil) {
        self.message = message
        self.offset = offset
        self.limit = limit
    }

    /// The message for a client.
    package var description: String { "Multipart parse error - \(message) (byte \(offset))" }
}
