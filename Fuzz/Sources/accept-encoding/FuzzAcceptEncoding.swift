import HTTPPipeline

/// The preferred coding of any field is acceptable, and none is preferred only if none is acceptable.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let accepted = AcceptEncoding(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
    if let preferred = accepted.preferred {
        precondition(accepted.accepts(preferred))
    } else {
        precondition(!accepted.accepts(.identity) && !accepted.accepts(.gzip))
    }
    return 0
}
