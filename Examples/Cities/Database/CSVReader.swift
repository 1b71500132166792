/// Reads the records of a CSV text one after the other (RFC 4180): quoted fields may hold commas, line breaks and doubled
/// quotes, and a line ends with LF or CRLF.
struct CSVReader {
    /// The text is not CSV.
    enum Failure: Error, Equatable {
        /// A quoted field that starts in the record with this number, counted from 1, is not terminated.
        case unterminatedQuote(record: Int)
    }

    private let bytes: [UInt8]
    private var position = 0
    private var recordNumber = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The fields of the next record, or nil after the last one.
    mutating func next() throws(Failure) -> [String]? {
        guard position < bytes.count else { return nil }
        recordNumber += 1
        var fields: [String] = []
        while true {
            fields.append(try field())
            guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { break }
            position += 1
        }
        skipLineBreak()
        return fields
    }

    private mutating func field() throws(Failure) -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let start = position
            while position < bytes.count, !Self.endsField(bytes[position]) { position += 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }
        position += 1
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                    return String(decoding: content, as: UTF8.self)
                }
                position += 1
            }
            content.append(byte)
        }
        throw .unterminatedQuote(record: recordNumber)
    }

    private mutating func skipLineBreak() {
        if position < bytes.count, bytes[position] == UInt8(ascii: "\r") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
    }

    private static func endsField(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
}
