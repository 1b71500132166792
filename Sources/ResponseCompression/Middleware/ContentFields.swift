import HTTPPipeline
import HTTPTypes

/// The properties of a response's content that its fields describe, collected in one pass.
struct ContentFields {
    var type: String?
    var length: Int?
    /// Whether the body has no content coding, so that it is as its type describes it.
    var isIdentity = true
    /// Whether the body is a part of a representation.
    var isPartial = false
    /// Whether Cache-Control has `no-transform` (RFC 9111 section 5.2.2.6).
    var forbidsTransformation = false

    init(_ fields: HTTPFields) {
        for field in fields {
            switch field.name.canonicalName.utf8.count {
            case 12 where field.name == .contentType: type = field.value
            case 13 where field.name == .contentRange: isPartial = true
            case 13 where field.name == .cacheControl:
                forbidsTransformation =
                    forbidsTransformation
                    || field.value.mayContain("no-transform") && CacheDirectives(field.value).contains("no-transform")
            case 14 where field.name == .contentLength: length = Int(field.value)
            case 16 where field.name == .contentEncoding: isIdentity = field.value.utf8.equalsIgnoringCase("identity")
            default: continue
            }
        }
    }

    /// Creates the properties of the response that a 304 represents.
    init(_ fields: HTTPFields, standingFor represented: RepresentedResponse) {
        self.init(fields)
        type = represented.contentType
        length = represented.contentLength
        isIdentity = represented.contentEncoding?.utf8.equalsIgnoringCase("identity") ?? true
    }
}

extension HTTPFields {
    /// Returns the fields of the same response with a gzip body: with another tag, and without the fields that apply
    /// only to the uncompressed bytes.
    func compressed(_ tags: VariantTag) -> HTTPFields {
        var fields = HTTPFields()
        fields.reserveCapacity(count + 1)
        for field in self {
            switch field.name.canonicalName {
            case "etag": fields.append(HTTPField(name: .eTag, value: tags.variant(ofField: field.value)))
            case "content-length", "content-encoding", "accept-ranges", "content-md5", "content-digest", "repr-digest",
                "digest":
                continue
            default: fields.append(field)
            }
        }
        fields.append(HTTPField(name: .contentEncoding, value: AcceptEncoding.Coding.gzip.name))
        return fields
    }

    /// Adds Accept-Encoding to Vary unless the field already covers it.
    mutating func varyByAcceptEncoding() {
        let name = HTTPField.Name.acceptEncoding
        // The field of most responses, without a list of its members.
        if let index = onlyVary, case let value = self[index].value, let first = value.utf8.first,
            first | 0x20 >= UInt8(ascii: "a"), !value.mayContain("accept-encoding"),
            !value.utf8.contains(UInt8(ascii: "*"))
        {
            return self[index] = HTTPField(name: .vary, value: "\(value), \(name.rawName)")
        }
        let members = members(of: .vary)
        guard !members.contains(where: { $0.hasBytes(of: "*") || $0.utf8.equalsIgnoringCase("accept-encoding") })
        else { return }
        guard let vary = value(of: .vary), !members.isEmpty else { return self[.vary] = name.rawName }
        self[.vary] = "\(vary), \(name.rawName)"
    }

    /// The index of Vary, if there is one line of it.
    private var onlyVary: Int? {
        var found: Int?
        for index in indices where self[index].name == .vary {
            guard found == nil else { return nil }
            found = index
        }
        return found
    }
}
