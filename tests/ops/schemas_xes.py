"""The grammar of XES (IEEE 1849) as an XML Schema, written after the standard's part 5.

A log has extensions, globals, classifiers, attributes, traces and events, in this order; traces
have attributes, then events. An attribute has a key that is an XML name, a value of the type that
its element names, and may have attributes of its own; a list has values instead.
"""

from string import Template

from lxml import etree

SIMPLE = {
    "string": "xs:string",
    "date": "xs:dateTime",
    "int": "xs:long",
    "float": "xs:double",
    "boolean": "xs:boolean",
    "id": "xs:string",
}

ATTRIBUTE = Template("""
<xs:element name="$tag"><xs:complexType>
  <xs:group ref="attributes"/>
  <xs:attribute name="key" type="xs:Name" use="required"/>
  <xs:attribute name="value" type="$type" use="required"/>
</xs:complexType></xs:element>""")

LOG = Template("""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:group name="attributes"><xs:sequence>
  <xs:choice minOccurs="0" maxOccurs="unbounded">$references<xs:element ref="list"/></xs:choice>
</xs:sequence></xs:group>
$attributes
<xs:element name="list"><xs:complexType><xs:sequence>
  <xs:group ref="attributes"/>
  <xs:element name="values"><xs:complexType><xs:group ref="attributes"/></xs:complexType>
  </xs:element></xs:sequence>
  <xs:attribute name="key" type="xs:Name" use="required"/>
</xs:complexType></xs:element>
<xs:element name="event"><xs:complexType><xs:group ref="attributes"/></xs:complexType></xs:element>
<xs:element name="trace"><xs:complexType><xs:sequence>
  <xs:group ref="attributes"/>
  <xs:element ref="event" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="log"><xs:complexType><xs:sequence>
  <xs:element name="extension" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
    <xs:attribute name="name" type="xs:NCName" use="required"/>
    <xs:attribute name="prefix" type="xs:NCName" use="required"/>
    <xs:attribute name="uri" type="xs:anyURI" use="required"/>
  </xs:complexType></xs:element>
  <xs:element name="global" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
    <xs:group ref="attributes"/>
    <xs:attribute name="scope" type="xs:NCName"/>
  </xs:complexType></xs:element>
  <xs:element name="classifier" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
    <xs:attribute name="name" type="xs:NCName" use="required"/>
    <xs:attribute name="scope" type="xs:NCName"/>
    <xs:attribute name="keys" type="xs:token" use="required"/>
  </xs:complexType></xs:element>
  <xs:group ref="attributes"/>
  <xs:element ref="trace" minOccurs="0" maxOccurs="unbounded"/>
  <xs:element ref="event" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence>
  <xs:attribute name="xes.version" type="xs:decimal" use="required"/>
  <xs:attribute name="xes.features" type="xs:token"/>
</xs:complexType></xs:element>
</xs:schema>""")


def xes_schema() -> etree.XMLSchema:
    """The schema, ready to validate with."""
    attributes = "".join(ATTRIBUTE.substitute(tag=tag, type=SIMPLE[tag]) for tag in SIMPLE)
    references = "".join(f'<xs:element ref="{tag}"/>' for tag in SIMPLE)
    text = LOG.substitute(attributes=attributes, references=references)
    return etree.XMLSchema(etree.fromstring(text))
