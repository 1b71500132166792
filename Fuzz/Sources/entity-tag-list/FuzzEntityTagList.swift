import ETag

/// Every parsed tag matches the list, and parses again from its text.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let field = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    for asterisk in [EntityTagCondition.Asterisk.alone, .anywhere] {
        let condition = EntityTagCondition(field, asterisk: asterisk)
        let tags = condition.tags
        precondition(tags.isEmpty || !condition.isAny)
        // Comparing each tag with the list would be quadratic.
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
