"""The grammar of PNML for place/transition nets (ISO/IEC 15909-2), as RELAX NG of our own.

Left out is what an export of ours never has: graphics, pages within pages, references.
"""

from lxml import etree

PNML = """<grammar xmlns="http://relaxng.org/ns/structure/1.0"
  ns="http://www.pnml.org/version-2009/grammar/pnml"
  datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
<start><element name="pnml"><oneOrMore><ref name="net"/></oneOrMore></element></start>
<define name="net"><element name="net">
  <ref name="id"/>
  <attribute name="type"><value>http://www.pnml.org/version-2009/grammar/ptnet</value></attribute>
  <optional><ref name="name"/></optional>
  <zeroOrMore><ref name="toolspecific"/></zeroOrMore>
  <oneOrMore><element name="page"><ref name="id"/><interleave>
    <optional><ref name="name"/></optional>
    <zeroOrMore><choice>
      <ref name="place"/><ref name="transition"/><ref name="arc"/>
    </choice></zeroOrMore>
  </interleave></element></oneOrMore>
</element></define>
<define name="place"><element name="place"><ref name="id"/><interleave>
  <ref name="labels"/>
  <optional><element name="initialMarking">
    <element name="text"><data type="nonNegativeInteger"/></element>
  </element></optional>
</interleave></element></define>
<define name="transition"><element name="transition">
  <ref name="id"/><ref name="labels"/>
</element></define>
<define name="arc"><element name="arc">
  <ref name="id"/>
  <attribute name="source"><data type="IDREF"/></attribute>
  <attribute name="target"><data type="IDREF"/></attribute>
  <interleave>
    <ref name="labels"/>
    <optional><element name="inscription">
      <element name="text"><data type="positiveInteger"/></element>
    </element></optional>
  </interleave>
</element></define>
<define name="labels"><interleave>
  <optional><ref name="name"/></optional>
  <zeroOrMore><ref name="toolspecific"/></zeroOrMore>
</interleave></define>
<define name="name"><element name="name"><element name="text"><text/></element></element></define>
<define name="toolspecific"><element name="toolspecific">
  <attribute name="tool"><text/></attribute>
  <attribute name="version"><text/></attribute>
</element></define>
<define name="id"><attribute name="id"><data type="ID"/></attribute></define>
</grammar>"""


def pnml_schema() -> etree.RelaxNG:
    """The grammar, ready to validate with."""
    return etree.RelaxNG(etree.fromstring(PNML))
