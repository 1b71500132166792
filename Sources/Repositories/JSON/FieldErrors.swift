import HTTPPipeline
public import NIOCore

/// The problems of one row by field, in the form of Django REST framework: `{"name": ["This field is required."]}`.
public struct FieldErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// The problems of one field.
    public struct Entry: Sendable, Hashable {
        /// The name of the field, or ``FieldErrors/nonFieldName``.
        public let field: String
        /// The messages.
        public internal(set) var messages: [String]
    }

    /// The name under which problems appear that are not about one field.
    public static let nonFieldName = "non_field_errors"

    /// The fields with problems, in the order in which the problems were found.
    public private(set) var entries: [Entry] = []

    /// Creates an empty collection.
    public init() {}

    /// Creates a collection of one problem.
    public init(field: String, _ message: String) {
        add(message, to: field)
    }

    /// Creates the collection for the failure of a row.
    public init(_ error: RowError) {
        add(error.message, to: error.field ?? Self.nonFieldName)
    }

    /// Whether there is no problem.
    public var isEmpty: Bool { entries.isEmpty }

    /// The messages about a field.
    public subscript(field: String) -> [String] {
        entries.first { $0.field == field }?.messages ?? []
    }

    /// Adds a problem.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - field: The name of the field.
    public mutating func add(_ message: String, to field: String) {
        if let index = entries.firstIndex(where: { $0.field == field }) {
            entries[index].messages.append(message)
        } else {
            entries.append(Entry(field: field, messages: [message]))
        }
    }

    /// Writes the problems as a JSON object of arrays of messages.
    public func write(to buffer: inout ByteBuffer) {
        buffer.writeStaticString("{")
        for (index, entry) in entries.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            buffer.writeJSON(entry.field)
            buffer.writeStaticString(":[")
            for (index, message) in entry.messages.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                buffer.writeJSON(message)
            }
            buffer.writeStaticString("]")
        }
        buffer.writeStaticString("}")
    }

    /// The problems as JSON.
    public var description: String {
        var buffer = ByteBuffer()
        write(to: &buffer)
        return String(buffer: buffer)
    }
}
