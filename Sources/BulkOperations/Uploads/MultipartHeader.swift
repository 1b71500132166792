import HTTPSemantics

/// The header fields of a part of `multipart/form-data` (RFC 7578 section 4).
struct MultipartHeader {
    /// The name of the form field.
    let name: String
    /// The name of the file, or nil for a field without a file.
    let fileName: String?
    /// The media type, with its parameters.
    let contentType: String?

    /// Parses the lines of the header fields, each with its line end, and the empty line after them.
    ///
    /// - Returns: nil without a valid `Content-Disposition: form-data` that has a name. Other fields are ignored.
    /// - Complexity: O(length).
    init?(_ bytes: [UInt8]) {
        var disposition: ArraySlice<UInt8>?
        var contentType: ArraySlice<UInt8>?
        for line in bytes.split(separator: 0x0A) {
            guard line.last == 0x0D else { return nil }
            let line = line.dropLast()
            if line.isEmpty { continue }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), !line.contains(where: { $0 == 0 || $0 == 0x0D })
            else {
                return nil
            }
            let value = line[(colon + 1)...].trimmingSpaces
            if line[..<colon].equalsIgnoringCase("content-disposition") {
                guard disposition == nil else { return nil }
                disposition = value
            } else if line[..<colon].equalsIgnoringCase("content-type") {
                contentType = value
            }
        }
        guard let disposition, let parameters = MediaTypeParameters(disposition), parameters.value == "form-data",
            let name = parameters.bytes(of: "name")
        else { return nil }
        guard let name = Self.text(name) else { return nil }
        self.name = name
        if let bytes = parameters.bytes(of: "filename") {
            guard let text = Self.text(bytes) else { return nil }
            fileName = text
        } else {
            fileName = nil
        }
        self.contentType = contentType.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Returns a name whose quotes and line ends a browser has escaped (the URL and HTML standards), or nil for other bytes than UTF-8.
    private static func text(_ bytes: [UInt8]) -> String? {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            let escaped: UInt8? =
                if byte != UInt8(ascii: "%") { nil } else {
                    switch rest.prefix(2).asciiLowercased {
                    case "22": UInt8(ascii: "\"")
                    case "0d": 0x0D
                    case "0a": 0x0A
                    default: nil
                    }
                }
            decoded.append(escaped ?? byte)
            if escaped != nil { rest = rest.dropFirst(2) }
        }
        return String(validating: decoded, as: UTF8.self)
    }
}
