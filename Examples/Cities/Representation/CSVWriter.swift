/// Writes records as CSV (RFC 4180), each line ended with CRLF.
struct CSVWriter {
    /// The output.
    private(set) var text = ""

    /// Writes one record.
    mutating func write(_ fields: [String]) {
        text += fields.map(Self.escaped).joined(separator: ",")
        text += "\r\n"
    }

    private static func escaped(_ field: String) -> String {
        let isPlain = field.utf8.allSatisfy { byte in
            byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\r")
                && byte != UInt8(ascii: "\n")
        }
        return isPlain ? field : "\"\(field.replacing("\"", with: "\"\""))\""
    }
}
