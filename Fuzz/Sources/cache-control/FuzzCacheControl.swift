import HTTPPipeline

/// Formatted directives parse to the same directives.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    let parsed = CacheDirectives(text)
    let written = parsed.directives.map { directive in
        guard let argument = directive.argument else { return directive.name }
        let escaped = argument.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "\(directive.name)=\"\(escaped)\""
    }
    // A name with a quote would start a quoted string.
    if !parsed.directives.contains(where: { $0.name.utf8.contains(UInt8(ascii: "\"")) }) {
        precondition(CacheDirectives(written.joined(separator: ", ")) == parsed)
    }
    if let seconds = parsed.seconds(of: "max-age") { precondition((0...1 << 31).contains(seconds)) }
    precondition(parsed.contains("no-cache") == (parsed.fieldNames(of: "no-cache") != nil))
    return 0
}
