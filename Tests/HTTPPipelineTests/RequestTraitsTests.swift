import HTTPTypes
import Testing

@testable import HTTPPipeline

@Suite struct RequestTraitsTests {
    @Test(
        arguments: [
            ([:], []), ([.accept: "*/*", .secFetchDest: "empty"], []), ([.cookie: "a=b"], ["cookie"]),
            ([.authorization: "Basic x", .cookie: "a=b"], ["authorization", "cookie"]),
            ([.contentLength: "0"], []), ([.contentLength: "5"], ["body"]), ([.transferEncoding: "chunked"], ["body"]),
            ([.init("COOKIE")!: "a"], ["cookie"]),
        ] as [(HTTPFields, Set<String>)]
    )
    func `The fields show credentials and a body`(fields: HTTPFields, expected: Set<String>) {
        let traits = RequestTraits(fields)
        #expect(traits.credentials.contains(.cookie) == expected.contains("cookie"))
        #expect(traits.credentials.contains(.authorization) == expected.contains("authorization"))
        #expect(traits.announcesBody == expected.contains("body"))
    }

    @Test func `Two Content-Length fields announce a body`() {
        var fields = HTTPFields()
        for _ in 0..<2 { fields.append(HTTPField(name: .contentLength, value: "0")) }
        #expect(RequestTraits(fields).announcesBody)
    }
}

extension HTTPField.Name {
    fileprivate static let secFetchDest = HTTPField.Name("Sec-Fetch-Dest")!
}
