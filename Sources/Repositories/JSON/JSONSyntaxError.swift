/// Why a body is not the JSON that a reader accepts.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let message: String

    /// The position of the problem in bytes.
    public let offset: Int

    /// Whether the body exceeds a limit of the reader, in size, rows or depth.
    public let isTooLarge: Bool

    init(_ message: String, at offset: Int, isTooLarge: Bool = false) {
        self.message = message
        self.offset = offset
        self.isTooLarge = isTooLarge
    }

    /// The message for a client.
    public var description: String { "JSON parse error - \(message) (byte \(offset))" }
}
