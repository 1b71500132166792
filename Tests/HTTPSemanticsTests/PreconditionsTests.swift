import HTTPSemantics
import HTTPTypes
import Testing

@Suite struct PreconditionsTests {
    static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
    static let later = "Sunday, 06-Nov-94 08:49:38 GMT"

    @Test(
        arguments: [
            (HTTPRequest.Method.get, nil, nil, .proceed),
            (.get, nil, #""a""#, .notModified),
            (.head, nil, #""x", "a""#, .notModified),
            (.get, nil, #"W/"a""#, .notModified),
            (.get, nil, "*", .notModified),
            (.get, nil, #""x""#, .proceed),
            (.get, nil, "a", .notModified),
            (.put, nil, #""a""#, .failed),
            (.put, nil, "*", .failed),
            (.post, nil, #"W/"a""#, .failed),
            (.put, #""a""#, nil, .proceed),
            (.put, #""x""#, nil, .failed),
            (.put, #"W/"a""#, nil, .failed),
            (.put, #""x", "a""#, nil, .proceed),
            (.put, "*", nil, .proceed),
            (.get, #""x""#, nil, .failed),
            (.get, #""x""#, #""a""#, .failed),
            (.get, #""a""#, #""a""#, .notModified),
            (.put, #""a""#, #""x""#, .proceed),
            (.put, "", "", .proceed),
            (.put, ",", nil, .failed),
        ] as [(HTTPRequest.Method, String?, String?, Preconditions.Outcome)])
    func `If-Match is compared strongly and first, If-None-Match weakly`(
        method: HTTPRequest.Method, ifMatch: String?, ifNoneMatch: String?, expected: Preconditions.Outcome
    ) {
        var fields = HTTPFields()
        fields[.ifMatch] = ifMatch
        fields[.ifNoneMatch] = ifNoneMatch
        let current = Validators(tag: EntityTag("a"))
        #expect(Preconditions(fields).evaluate(method: method, current: current) == expected)
    }

    @Test(
        arguments: [
            (.get, [.ifModifiedSince: date], .notModified),
            (.head, [.ifModifiedSince: later], .notModified),
            (.get, [.ifModifiedSince: earlier], .proceed),
            (.get, [.ifModifiedSince: "yesterday"], .proceed),
            (.get, [.ifModifiedSince: "\(date), \(date)"], .proceed),
            (.put, [.ifModifiedSince: date], .proceed),
            (.get, [.ifModifiedSince: date, .ifNoneMatch: "\"x\""], .proceed),
            (.get, [.ifModifiedSince: earlier, .ifNoneMatch: "\"a\""], .notModified),
            (.put, [.ifUnmodifiedSince: date], .proceed),
            (.put, [.ifUnmodifiedSince: later], .proceed),
            (.put, [.ifUnmodifiedSince: earlier], .failed),
            (.get, [.ifUnmodifiedSince: earlier], .failed),
            (.put, [.ifUnmodifiedSince: "soon"], .proceed),
            (.put, [.ifUnmodifiedSince: earlier, .ifMatch: "\"a\""], .proceed),
            (.put, [.ifUnmodifiedSince: date, .ifMatch: "\"x\""], .failed),
            (.get, [.ifUnmodifiedSince: date, .ifModifiedSince: date], .notModified),
            (.get, [.ifUnmodifiedSince: earlier, .ifNoneMatch: "\"a\""], .failed),
        ] as [(HTTPRequest.Method, HTTPFields, Preconditions.Outcome)])
    func `A date is ignored where a condition on tags precedes`(
        method: HTTPRequest.Method, fields: HTTPFields, expected: Preconditions.Outcome
    ) {
        let current = Validators(tag: EntityTag("a"), lastModified: HTTPDate(Self.date))
        #expect(Preconditions(fields).evaluate(method: method, current: current) == expected)
    }

    @Test func `Without a representation only If-Match fails`() {
        #expect(Preconditions([.ifMatch: "*"]).evaluate(method: .put, current: nil) == .failed)
        #expect(Preconditions([.ifMatch: "\"a\""]).evaluate(method: .put, current: nil) == .failed)
        #expect(Preconditions([.ifNoneMatch: "*"]).evaluate(method: .put, current: nil) == .proceed)
        #expect(Preconditions([.ifUnmodifiedSince: Self.date]).evaluate(method: .put, current: nil) == .proceed)
    }

    @Test func `A representation without validators matches only an asterisk`() {
        let current = Validators()
        #expect(Preconditions([.ifMatch: "*"]).evaluate(method: .put, current: current) == .proceed)
        #expect(Preconditions([.ifMatch: "\"a\""]).evaluate(method: .put, current: current) == .failed)
        #expect(Preconditions([.ifNoneMatch: "*"]).evaluate(method: .put, current: current) == .failed)
        #expect(Preconditions([.ifNoneMatch: "\"a\""]).evaluate(method: .get, current: current) == .proceed)
        #expect(Preconditions([.ifModifiedSince: Self.date]).evaluate(method: .get, current: current) == .proceed)
    }

    @Test func `Repeated lines are one list`() {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .ifNoneMatch, value: "\"x\""))
        fields.append(HTTPField(name: .ifNoneMatch, value: "\"a\""))
        let current = Validators(tag: EntityTag("a"))
        #expect(Preconditions(fields).evaluate(method: .get, current: current) == .notModified)
    }

    @Test(arguments: [
        ("\"a\"", true), ("W/\"a\"", false), ("\"b\"", false), (date, true), (earlier, false), (later, false),
        ("a", false),
        ("\"a\", \"b\"", false),
    ])
    func `If-Range holds only for the exact representation`(field: String, holds: Bool) throws {
        let current = Validators(tag: EntityTag("a"), lastModified: HTTPDate(Self.date))
        let condition = try #require(RangeCondition([.range: "bytes=0-1", .ifRange: field]))
        #expect(condition.holds(for: current, now: SystemTimeSource().now) == holds)
        #expect(RangeCondition([.ifRange: field]) == nil)
    }

    @Test func `If-Range fails for a date in the current second`() throws {
        let date = try #require(HTTPDate(Self.date))
        let condition = RangeCondition.date(date)
        let now = Timestamp(nanoseconds: date.secondsSinceEpoch * 1_000_000_000 + 999_999_999)
        #expect(!condition.holds(for: Validators(lastModified: date), now: now))
        #expect(condition.holds(for: Validators(lastModified: date), now: now + .nanoseconds(1)))
    }
}
