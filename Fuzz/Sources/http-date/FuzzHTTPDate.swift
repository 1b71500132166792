import HTTPPipeline

/// A parsed date is equal to the date parsed from its formatted text.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let field = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    let now = Timestamp(nanoseconds: 1_795_330_000_000_000_000)
    if let date = HTTPDate(field, now: now) {
        precondition(HTTPDate(date.description, now: now) == date)
    }
    return 0
}
