import HTTPPipeline
import HTTPTypes

/// The names of the directives in Cache-Control, as far as a cache with lifetimes of its own needs them.
struct CacheControl {
    /// The directives' names in lower case. They are bytes, because whoever sends the field chooses them.
    private var directives: Set<[UInt8]> = []

    /// Reads the directives of all Cache-Control lines. Commas inside quoted arguments belong to the argument.
    init(_ fields: HTTPFields) {
        guard let value = fields.value(of: .cacheControl) else { return }
        var name: [UInt8] = []
        var isInName = true
        var isQuoted = false
        var isEscaped = false
        for byte in value.utf8 {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if isQuoted || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                continue
            } else if byte == UInt8(ascii: ",") {
                insert(&name)
                isInName = true
            } else if byte == UInt8(ascii: "=") {
                isInName = false
            } else if isInName {
                name.append(byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte)
            }
        }
        insert(&name)
    }

    /// Whether a directive is present, with or without an argument.
    func contains(_ directive: String) -> Bool {
        directives.contains(Array(directive.utf8))
    }

    private mutating func insert(_ name: inout [UInt8]) {
        if !name.isEmpty { directives.insert(name) }
        name = []
    }
}
