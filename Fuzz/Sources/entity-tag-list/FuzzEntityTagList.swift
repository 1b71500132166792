import ETag

/// Every tag that a list is read as matches the list, and is read again from what it is written as.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let field = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    for asterisk in [EntityTagCondition.Asterisk.alone, .anywhere] {
        let condition = EntityTagCondition(field, asterisk: asterisk)
        let tags = condition.tags
        precondition(tags.isEmpty || !condition.isAny)
        // Comparing each with the list would be quadratic by itself.
        for tag in [tags.first, tags.last].compactMap(\.self) {
            precondition(condition.matchesWeakly(tag))
            precondition(condition.matchesStrongly(tag) || tag.isWeak)
        }
        if condition.isAny { precondition(EntityTag("x").map { condition.matchesStrongly($0) } == true) }
    }
    if let tag = EntityTag(field: field) {
        precondition(EntityTag(field: tag.description) == tag)
    }
    return 0
}
