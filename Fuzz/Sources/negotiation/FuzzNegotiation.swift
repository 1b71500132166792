import HTTPPipeline

private let formats = FormatNegotiation([
    .init(name: "json", mediaType: "application/json"), .init(name: "csv", mediaType: "text/csv"),
])
private let languages = LanguageNegotiation(["en", "de", "zh-Hant-TW"])

/// For any field an offered format or language is chosen, and empty list members do not change the choice.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    let format = try? formats.format(accept: text)
    precondition(format.map(formats.offered.contains) ?? true)
    precondition((try? formats.format(accept: ", , \(text)")) == format)
    let language = languages.language(accept: text)
    precondition(languages.offered.contains(language))
    precondition(languages.language(accept: ",\t,\(text)") == language)
    return 0
}
